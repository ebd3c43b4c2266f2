(** Lower bounds on the distance of two centroids of different classes in Euclidean spaces: L1 and L3.

    x, w       families of points of different classes
    mu         the margin: two points of one family are closer, by mu, than two points of different families
    a, b       non-negative weights, not all 0, used as shares a_i / (sum of all a)
    u          a direction: a vector of length at most 1
    L1's first inequality needs no sign of mu; L3 bounds the distance of any two points of the convex hulls. *)

From mathcomp Require Import all_ssreflect all_algebra ring.
From Boundcheck Require Import Extrema Inner Euclid.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope inner_scope.

(** If every F i j is at most every G i k - mu, so are the means of their squares. *)
Lemma mean_squares_le (R : realFieldType) (n p q : nat) (F : 'I_n.+1 -> 'I_p.+1 -> R)
    (G : 'I_n.+1 -> 'I_q.+1 -> R) (mu : R) :
  (forall i j, 0 <= F i j) -> (forall i j k, F i j <= G i k - mu) ->
  \mean_(i < n.+1) \mean_(j < p.+1) F i j ^+ 2
  <= (\mean_(i < n.+1) \mean_(k < q.+1) G i k ^+ 2)
     - mu * (2%:R * (\mean_(i < n.+1) \mean_(k < q.+1) G i k) - mu).
Proof.
move=> F_ge0 leFG.
have inner i : \mean_(k < q.+1) (G i k - mu) ^+ 2
    = (\mean_(k < q.+1) G i k ^+ 2) + ((- 2%:R * mu) * (\mean_(k < q.+1) G i k) + mu ^+ 2).
  rewrite -meanZ -(mean_const q (mu ^+ 2)) -!meanD.
  by congr (_ * _); apply: eq_bigr => k _; ring.
set A := \mean_(i < n.+1) \mean_(k < q.+1) G i k; set S := \mean_(i < n.+1) \mean_(k < q.+1) G i k ^+ 2.
have -> : S - mu * (2%:R * A - mu) = \mean_(i < n.+1) \mean_(k < q.+1) (G i k - mu) ^+ 2.
  under eq_bigr do rewrite inner.
  by rewrite !meanD (meanZ (- 2%:R * mu)) mean_const -/A -/S; ring.
apply: ler_mean => i; apply: mean_le => j; apply: le_mean => k.
by rewrite ler_expn2r ?nnegrE ?(le_trans (F_ge0 i j)).
Qed.

Lemma halves_le (R : realFieldType) (K S P Q : R) :
  P <= S - K -> Q <= S - K -> K <= S - 2%:R^-1 * P - 2%:R^-1 * Q.
Proof.
move=> leP leQ; rewrite -subr_ge0.
have -> : S - 2%:R^-1 * P - 2%:R^-1 * Q - K = 2%:R^-1 * ((S - K - P) + (S - K - Q)) by field.
by apply: mulr_ge0; [rewrite invr_ge0 ler0n|apply: addr_ge0; rewrite subr_ge0].
Qed.

(** L1: a margin between the points of two families carries over to their centroids. *)
Theorem L1 (R : rcfType) (V : lmodType R) (ip : V -> V -> R) :
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (mu : R),
  (forall (i i' : 'I_n.+1) (k : 'I_q.+1), dist ip (x i) (x i') <= dist ip (x i) (w k) - mu) ->
  (forall (k k' : 'I_q.+1) (i : 'I_n.+1), dist ip (w k) (w k') <= dist ip (w k) (x i) - mu) ->
  mu * (2%:R * (\mean_(i < n.+1) \mean_(k < q.+1) dist ip (x i) (w k)) - mu)
  <= dist ip (centroid n x) (centroid q w) ^+ 2.
Proof.
move=> sym scale add ge0 n q x w mu near_x near_w; have ipP := SemiInner sym scale add ge0.
have dC u v := distC ipP u v.
have le_x := mean_squares_le (fun i i' => norm_ge0 ip (x i - x i')) near_x.
have le_w := mean_squares_le (fun k k' => norm_ge0 ip (w k - w k')) near_w.
have swap (f : R -> R) : \mean_(k < q.+1) \mean_(i < n.+1) f (dist ip (w k) (x i))
    = \mean_(i < n.+1) \mean_(k < q.+1) f (dist ip (x i) (w k)).
  rewrite mean_swap; congr (_ * _); apply: eq_bigr => i _; congr (_ * _); apply: eq_bigr => k _.
  by rewrite dC.
rewrite (swap (fun t => t ^+ 2)) (swap id) in le_w.
rewrite (centroids_identity ipP) (spread_pairs ipP x) (spread_pairs ipP w).
exact: halves_le le_x le_w.
Qed.

(** With 0 <= mu, centroids of different classes are at least mu apart. *)
Theorem L1_squared (R : rcfType) (V : lmodType R) (ip : V -> V -> R) :
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (mu : R),
  (forall (i i' : 'I_n.+1) (k : 'I_q.+1), dist ip (x i) (x i') <= dist ip (x i) (w k) - mu) ->
  (forall (k k' : 'I_q.+1) (i : 'I_n.+1), dist ip (w k) (w k') <= dist ip (w k) (x i) - mu) ->
  0 <= mu -> mu ^+ 2 <= dist ip (centroid n x) (centroid q w) ^+ 2.
Proof.
move=> sym scale add ge0 n q x w mu near_x near_w mu_ge0; have ipP := SemiInner sym scale add ge0.
apply: le_trans (L1 sym scale add ge0 near_x near_w); rewrite expr2; apply: ler_wpmul2l => //.
rewrite ler_subr_addr -mulr2n -[mu *+ 2]mulr_natl ler_pmul2l ?ltr0n //.
apply: le_mean => i; apply: le_mean => k; rewrite -subr_ge0.
exact: le_trans (norm_ge0 _ _) (near_x i i k).
Qed.

Theorem L1_distance (R : rcfType) (V : lmodType R) (ip : V -> V -> R) :
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (mu : R),
  (forall (i i' : 'I_n.+1) (k : 'I_q.+1), dist ip (x i) (x i') <= dist ip (x i) (w k) - mu) ->
  (forall (k k' : 'I_q.+1) (i : 'I_n.+1), dist ip (w k) (w k') <= dist ip (w k) (x i) - mu) ->
  mu <= dist ip (centroid n x) (centroid q w).
Proof.
move=> sym scale add ge0 n q x w mu near_x near_w.
have [mu_ge0|/ltW mu_le0] := lerP 0 mu; last exact: le_trans mu_le0 (norm_ge0 _ _).
by rewrite -ler_sqr ?nnegrE ?norm_ge0 //; apply: L1_squared.
Qed.

(** L1 in terms of the triplet premise's m, which is minus the margin. *)
Theorem separation (R : rcfType) (V : lmodType R) (ip : V -> V -> R) :
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (forall (i i' : 'I_n.+1) (k : 'I_q.+1), dist ip (x i) (x i') - dist ip (x i) (w k) <= m) ->
  (forall (i : 'I_n.+1) (k k' : 'I_q.+1), dist ip (w k) (w k') - dist ip (w k) (x i) <= m) ->
  - (m * (2%:R * (\mean_(i < n.+1) \mean_(k < q.+1) dist ip (x i) (w k)) + m))
  <= dist ip (centroid n x) (centroid q w) ^+ 2.
Proof.
move=> sym scale add ge0 n q x w m near_x near_w; rewrite -mulNr -{2}(opprK m).
by apply: L1 => // [i i' k|k k' i]; rewrite opprK -ler_subl_addl.
Qed.

Theorem margin (R : rcfType) (V : lmodType R) (ip : V -> V -> R) :
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (forall (i i' : 'I_n.+1) (k : 'I_q.+1), dist ip (x i) (x i') - dist ip (x i) (w k) <= m) ->
  (forall (i : 'I_n.+1) (k k' : 'I_q.+1), dist ip (w k) (w k') - dist ip (w k) (x i) <= m) ->
  - m <= dist ip (centroid n x) (centroid q w).
Proof.
move=> sym scale add ge0 n q x w m near_x near_w.
by apply: L1_distance => // [i i' k|k k' i]; rewrite opprK -ler_subl_addl.
Qed.

(** Shares of non-negative weights. *)
Lemma share_ge0 (R : realFieldType) (n : nat) (a : 'I_n.+1 -> R) i :
  (forall i, 0 <= a i) -> 0 < \sum_(i < n.+1) a i -> 0 <= a i / \sum_(i' < n.+1) a i'.
Proof. by move=> a_ge0 sum_gt0; rewrite divr_ge0 // ltW. Qed.

Lemma share_sum (R : realFieldType) (n : nat) (a : 'I_n.+1 -> R) :
  0 < \sum_(i < n.+1) a i -> \sum_(i < n.+1) (a i / \sum_(i' < n.+1) a i') = 1.
Proof. by move=> sum_gt0; rewrite -mulr_suml divff ?gt_eqF. Qed.

(** L3: in any direction u, points of the two convex hulls are as far apart as the hulls' projections. *)
Theorem hulls (R : rcfType) (V : lmodType R) (ip : V -> V -> R) :
  (forall u v, ip u v = ip v u) -> (forall (a : R) u v, ip (a *: u) v = a * ip u v) ->
  (forall u u' v, ip (u + u') v = ip u v + ip u' v) -> (forall u, 0 <= ip u u) ->
  forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (a : 'I_n.+1 -> R) (b : 'I_q.+1 -> R),
  (forall i : 'I_n.+1, 0 <= a i) -> 0 < \sum_(i < n.+1) a i ->
  (forall k : 'I_q.+1, 0 <= b k) -> 0 < \sum_(k < q.+1) b k ->
  forall (u : V), Num.sqrt (ip u u) <= 1 ->
  (\big[Num.min/ip u (x ord0)]_(i < n.+1) ip u (x i)) - (\big[Num.max/ip u (w ord0)]_(k < q.+1) ip u (w k))
  <= dist ip (\sum_(i < n.+1) (a i / \sum_(i' < n.+1) a i') *: x i)
             (\sum_(k < q.+1) (b k / \sum_(k' < q.+1) b k') *: w k).
Proof.
move=> sym scale add ge0 n q x w a b a_ge0 a_gt0 b_ge0 b_gt0 u u_le1; have ipP := SemiInner sym scale add ge0.
set A := \sum_(i < n.+1) _; set B := \sum_(k < q.+1) _ *: _.
have least : \big[Num.min/ip u (x ord0)]_(i < n.+1) ip u (x i) <= ip u A.
  rewrite (ip_sumr ipP) -[leLHS]mul1r -(share_sum a_gt0) mulr_suml.
  apply: ler_sum => i _; rewrite (ipZr ipP); apply: ler_wpmul2l (share_ge0 i a_ge0 a_gt0) _ _ _.
  exact: (bigmin_le (fun i => ip u (x i))).
have largest : ip u B <= \big[Num.max/ip u (w ord0)]_(k < q.+1) ip u (w k).
  rewrite (ip_sumr ipP) -[leRHS]mul1r -(share_sum b_gt0) mulr_suml.
  apply: ler_sum => k _; rewrite (ipZr ipP); apply: ler_wpmul2l (share_ge0 k b_ge0 b_gt0) _ _ _.
  exact: (le_bigmax (fun k => ip u (w k))).
apply: le_trans (ler_sub least largest) _; rewrite -(ipBr ipP).
apply: le_trans (ip_le_norms ipP _ _) _; rewrite -[leRHS]mul1r.
by apply: ler_wpmul2r => //; apply: norm_ge0.
Qed.
